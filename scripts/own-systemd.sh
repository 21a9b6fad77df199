# A Debian with its own systemd, in a root of its own and in namespaces, for the tests of the packages, which source this file. It needs root,
# debootstrap, a mirror of Debian, and cgroup v2, which may be mounted anywhere.
#
# KAPACITORD=FILE    a real kapacitord: tasks use functions by process and by socket, and the package is upgraded under load
# DEB_ROOT=DIR       a root created by `debootstrap --variant=minbase --include=systemd-sysv,dbus`; it is copied
# shellcheck shell=bash

[ "$(id -u)" -eq 0 ] || fail "uid $(id -u) (expected: root, for debootstrap and namespaces)"
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$cgroups" ] || fail 'cgroup v2: not mounted (expected: anywhere, for a systemd of its own)'

work=$(mktemp -d)
in=$work/root
group=$cgroups/kapacitor-udf-$$
machine=
load=
config=/etc/kapacitor-udf/kapacitor-udf.toml
conf=/etc/kapacitor/kapacitor.conf
kapacitor=http://127.0.0.1:9092
sockets=4
processes=4

end() {
    [ -z "$load" ] || kill "$load" 2>/dev/null || true
    # When the first process of its namespace ends, all others end.
    [ -z "$machine" ] || { kill -KILL "$machine" 2>/dev/null && wait "$machine" 2>/dev/null; } || true
    # The last processes leave it a moment later.
    for _ in $(seq 100); do
        [ -d "$group" ] || break
        find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
        sleep 0.1
    done
    # Mounted file systems are not deleted.
    rm -rf --one-file-system "$work"
}
trap end EXIT

# boot: starts systemd in the root, with its own mounts, processes and network, which disappear when it ends.
boot() {
    mkdir "$group"
    (
        echo "$BASHPID" >"$group/cgroup.procs"
        exec unshare --cgroup --mount --pid --ipc --uts --net --fork --kill-child --propagation private \
            bash -euc "$(declare -f become_systemd)"'; become_systemd "$1"' - "$in"
    ) >"$work/boot.log" 2>&1 &
    machine=$!
    await 'systemd' booted
}

become_systemd() {
    cd "$1"
    ip link set lo up
    mount --bind . "$1"
    cd "$1"
    mount -t proc proc proc
    mount --bind proc/sys proc/sys
    mount -o remount,bind,ro proc/sys
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=755 tmpfs dev
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    mount -t tmpfs tmpfs dev/shm
    mount -t tmpfs -o mode=755 tmpfs run
    mount -t tmpfs tmpfs tmp
    for device in null zero full random urandom tty; do
        touch "dev/$device"
        mount --bind "/dev/$device" "dev/$device"
    done
    ln -s /proc/self/fd dev/fd
    mkdir -p mnt/host
    pivot_root . mnt/host
    umount -l /mnt/host
    exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=journal --show-status=no
}

# run COMMAND...: in the machine.
run() {
    nsenter -t "$(<"$work/pid")" -m -u -i -n -p -C \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

booted() {
    pgrep -P "$machine" >"$work/pid" && [ -S "/proc/$(<"$work/pid")/root/run/systemd/private" ] &&
        run systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'
}

# await WHAT COMMAND...: waits until a command succeeds.
await() {
    local what=$1
    shift
    for _ in $(seq 900); do
        ! "$@" || return 0
        sleep 0.2
    done
    fail_with_journal "$what: not within 3 minutes"
}

check() {
    local what=$1
    shift
    "$@" >"$work/log" 2>&1 || fail_with_journal "$what: not so ($*)"
    say "ok: $what"
}

fail_with_journal() {
    run journalctl --no-pager --lines 60 >&2 || true
    cat "$work/boot.log" "$work/log" >&2
    fail "$1"
}

absent() {
    ! [ -e "$1" ]
}

# quietly COMMAND...: its output is shown if it fails.
quietly() {
    run "$@" >"$work/log" 2>&1 || fail_with_journal "$*"
}

# property NAME: of the service.
property() {
    run systemctl show --property "$1" --value kapacitor-udf.service
}

property_is() {
    [[ $(property "$1") = $2 ]]
}

property_is_not() {
    ! property_is "$1" "$2"
}

log_has() {
    run journalctl --no-pager --unit kapacitor-udf.service --output cat | grep -q "$1"
}

# set_key LINE: a line of the configuration.
set_key() {
    sed -i "0,/^#${1%% =*} = /s||$1\n&|" "$in$config"
}

doctor() {
    run kapacitor-udf doctor >"$work/doctor"
}

# ---- the root

# create_root PACKAGE...: a root with these packages of Debian in apt's cache, because the machine has no network; and with what Kapacitor's package installs.
create_root() {
    if [ -n "${DEB_ROOT:-}" ]; then
        cp -a --one-file-system "$DEB_ROOT" "$in"
    else
        debootstrap --variant=minbase --include=systemd-sysv,dbus bookworm "$in" >"$work/debootstrap.log" || fail "$(tail "$work/debootstrap.log")"
    fi
    chroot "$in" sh -c 'apt-get -qq update && apt-get -qq -y --no-install-recommends --download-only install "$@"' - "$@" \
        >"$work/log" 2>&1 || fail "$(tail "$work/log")"
    chroot "$in" useradd --system --user-group --create-home --home-dir /var/lib/kapacitor kapacitor
    command install -D -m 644 /dev/null "$in$conf"
    cat >"$in$conf" <<CONF
hostname = "localhost"
data_dir = "/var/lib/kapacitor"
[http]
  bind-address = "127.0.0.1:9092"
  log-enabled = false
[logging]
  file = "STDERR"
  level = "INFO"
[replay]
  dir = "/var/lib/kapacitor/replay"
[task]
  dir = "/var/lib/kapacitor/tasks"
  snapshot-interval = "2s"
[storage]
  boltdb = "/var/lib/kapacitor/kapacitor.db"
[[influxdb]]
  enabled = false
[reporting]
  enabled = false
[stats]
  enabled = false
CONF
    # As in Kapacitor's package.
    cat >"$in/etc/systemd/system/kapacitor.service" <<UNIT
[Service]
User=kapacitor
Group=kapacitor
ExecStart=/usr/bin/kapacitord -config $conf
KillMode=process
Restart=on-failure
[Install]
WantedBy=multi-user.target
UNIT
    ln -s /dev/null "$in/etc/systemd/system/console-getty.service"
    if [ -n "${KAPACITORD:-}" ]; then
        command install "$KAPACITORD" "$in/usr/bin/kapacitord"
    fi
}

# ---- tasks

request() {
    nsenter -t "$(<"$work/pid")" -n curl --silent --show-error --fail --max-time 30 "$@"
}

# task NAME FUNCTION: logs each point.
task() {
    local script="stream|from().measurement('m')@$2().field('value').size(1).as('mean')|log()|httpOut('out')"
    request --output /dev/null --data-binary \
        "{\"id\":\"$1\",\"type\":\"stream\",\"dbrps\":[{\"db\":\"db\",\"rp\":\"rp\"}],\"status\":\"enabled\",\"script\":\"$script\"}" "$kapacitor/kapacitor/v1/tasks"
}

# write_points: writes numbered points until it is ended.
write_points() {
    local number=0
    while :; do
        number=$((number + 1))
        request --data-binary "m value=$number $number" "$kapacitor/kapacitor/v1/write?db=db&rp=rp&precision=s" || true
        echo "$number" >"$work/written"
        sleep 0.05
    done
}

# output TASK: the number of the last output point; 0 before the first.
output() {
    request "$kapacitor/kapacitor/v1/tasks/$1/out" 2>/dev/null | sed -n 's/.*"values":\[\[[^]]*,\([0-9]*\)\]\].*/\1/p'
}

# up_to_date NUMBER: whether all tasks have output a point with this number or a later one.
up_to_date() {
    local task number
    for task in "${tasks[@]}"; do
        number=$(output "$task")
        [ "${number:-0}" -ge "$1" ] || return 1
    done
}

tasks=()

# start_tasks: tasks by socket and by process, with points that are written until they are checked.
start_tasks() {
    {
        echo '[udf.functions.movingAvgProcess]'
        run kapacitor-udf config --process movingAvg | sed 1d
    } >>"$in$conf"
    set_key "kapacitor = \"$kapacitor\""
    quietly systemctl restart kapacitor-udf.service
    quietly systemctl restart kapacitor.service
    await Kapacitor request --output /dev/null "$kapacitor/kapacitor/v1/ping" 2>/dev/null
    for i in $(seq "$sockets"); do
        tasks+=("socket$i")
        task "socket$i" movingAvg
    done
    for i in $(seq "$processes"); do
        tasks+=("process$i")
        task "process$i" movingAvgProcess
    done
    write_points 2>"$work/curl.log" &
    load=$!
    await 'points from all tasks' up_to_date 1
    say "ok: $sockets tasks by socket and $processes by process"
}

# check_tasks FIRST: after an upgrade all tasks run; prints how many of the points after this one are lost.
check_tasks() {
    local first=$1 last task
    await 'points from all tasks after the upgrade' up_to_date "$(<"$work/written")"
    last=$(output socket1)
    kill "$load"
    load=
    for task in "${tasks[@]}"; do
        request "$kapacitor/kapacitor/v1/tasks/$task" >"$work/task"
        grep -Eq '"executing": *true' "$work/task" && grep -Eq '"error": *""' "$work/task" || fail "$task: $(cat "$work/task")"
    done
    say "ok: no task is lost; $((last - first)) points were written meanwhile"
    for task in "${tasks[@]}"; do
        run journalctl --no-pager --unit kapacitor.service --output cat --grep "task=$task " |
            sed -n 's/.*mean=\([0-9]*\).*/\1/p' | sort -nu | awk -v first="$first" -v last="$last" -v task="$task" \
            '$1 > first && $1 <= last { came++ } END { printf "%s: %d points lost\n", task, last - first - came }'
    done
    run journalctl --no-pager --unit 'kapacitor-udf*' --output cat --grep ' tasks: ' | sed "s/^/$(basename "$0"): /"
    doctor || fail "$(cat "$work/doctor")"
    check 'doctor is content with the tasks' grep -q 'ok    task socket1: runs' "$work/doctor"
}
