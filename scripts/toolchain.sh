# Provides a JDK and Maven for the scripts that source this file, installed with apt-get if they are missing and it is allowed to.
# shellcheck shell=bash

# With --help, a script prints the comment at its top.
case ${1:-} in
    -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
        exit
        ;;
esac

say() {
    echo "$(basename "$0"): $*" >&2
}

fail() {
    say "$*"
    exit 1
}

# jdk_version DIR: its feature version, such as 17; empty if it is not a JDK.
jdk_version() {
    [ -x "$1/bin/javac" ] || return 0
    "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

# find_jdk: the first JDK of version 17 or later: JAVA_HOME, then the PATH, then the distribution's JDKs.
find_jdk() {
    local jdk version
    for jdk in "${JAVA_HOME:-/none}" "$(dirname "$(dirname "$(readlink -f "$(command -v javac || echo /none)")")")" /usr/lib/jvm/*; do
        version=$(jdk_version "$jdk")
        if [ "${version:-0}" -ge 17 ]; then
            echo "$jdk"
            return
        fi
    done
}

# newest_other_jdk: the newest JDK other than that of the build.
newest_other_jdk() {
    local candidate version newest=0 found=
    for candidate in /usr/lib/jvm/*; do
        version=$(jdk_version "$candidate")
        if [ "${version:-0}" -gt "$newest" ] && [ "$version" -ne "$(jdk_version "$jdk")" ]; then
            newest=$version
            found=$candidate
        fi
    done
    echo "$found"
}

# install PACKAGE...: with apt-get, as root or with sudo.
install() {
    local apt=(apt-get)
    command -v apt-get >/dev/null || fail "missing: $* (expected: installed; apt-get is not available)"
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "missing: $* (expected: installed, by: sudo apt-get install $*)"
        apt=(sudo -n apt-get)
    fi
    say "installing $*"
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

# update_packages: updates apt-get's package lists.
update_packages() {
    if ! command -v apt-get >/dev/null; then
        return
    elif [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq >/dev/null
    elif sudo -n true 2>/dev/null; then
        sudo -n apt-get update -qq >/dev/null
    fi
}

# jdk_package: the first available package of a suitable JDK.
jdk_package() {
    local version
    for version in 21 17 25; do
        if apt-cache policy "openjdk-$version-jdk-headless" 2>/dev/null | grep -q 'Candidate: [0-9]'; then
            echo "openjdk-$version-jdk-headless"
            return
        fi
    done
    echo openjdk-17-jdk-headless
}

# set_up: provides Maven and a JDK, whose home is then $jdk.
set_up() {
    local missing=()
    jdk=$(find_jdk)
    if [ -z "$jdk" ] || ! command -v mvn >/dev/null; then
        update_packages
        [ -n "$jdk" ] || missing+=("$(jdk_package)")
        command -v mvn >/dev/null || missing+=(maven)
        install "${missing[@]}"
        jdk=$(find_jdk)
    fi
    [ -n "$jdk" ] || fail "JDK: none (expected: version 17 or later, in JAVA_HOME or on the PATH)"
}
