package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The resources used by processes, as counted by Linux. This includes threads that have ended.
 *
 * @param cpuNanos CPU time in user and system mode, in steps of 10 ms
 * @param rssBytes current resident memory
 * @param peakBytes peak resident memory; for several processes, the sum
 */
public record ProcessUsage(long cpuNanos, long rssBytes, long peakBytes) {
    static final ProcessUsage NONE = new ProcessUsage(0, 0, 0);

    private static final Path PROC = Path.of("/proc");
    // USER_HZ, which is 100 in every Linux ABI that a JDK supports.
    private static final long TICK_NANOS = 10_000_000;
    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int UNIX_FLAGS = 3;
    private static final int UNIX_INODE = 6;
    private static final int UNIX_PATH = 7;
    private static final long LISTENING = 0x10000;

    /** The usage of these processes and their descendants; processes that have exited count as zero. */
    public static ProcessUsage of(Collection<ProcessHandle> processes) {
        ProcessUsage sum = NONE;
        for (ProcessHandle process : processes) {
            sum = sum.plus(of(process.pid()));
            sum = process.descendants().map(child -> of(child.pid())).reduce(sum, ProcessUsage::plus);
        }
        return sum;
    }

    private static ProcessUsage of(long pid) {
        Path process = PROC.resolve(Long.toString(pid));
        try {
            String stat = Files.readString(process.resolve("stat"));
            // The numbers are after the name, which may contain anything.
            String[] numbers = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = Long.parseLong(numbers[UTIME]) + Long.parseLong(numbers[STIME]);
            String status = Files.readString(process.resolve("status"));
            return new ProcessUsage(ticks * TICK_NANOS, bytes(status, "VmRSS:"), bytes(status, "VmHWM:"));
        } catch (IOException e) {
            return NONE;
        }
    }

    /** Returns the bytes of a line such as {@code VmRSS: 5120 kB}; 0 if there is no such line. */
    private static long bytes(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    private ProcessUsage plus(ProcessUsage other) {
        return new ProcessUsage(cpuNanos + other.cpuNanos, rssBytes + other.rssBytes, peakBytes + other.peakBytes);
    }

    /**
     * The process that listens on a Unix socket; empty if it is not found. Only root finds processes of other users.
     *
     * <p>The JDK does not provide the pid of a peer. But Linux lists the sockets with the paths that they were bound
     * to, and the descriptors of each process. A socket that an agent binds elsewhere and then renames is listed with
     * {@code ~/s} appended.
     */
    static Optional<ProcessHandle> listener(Path socket) {
        String path = socket.toAbsolutePath().toString();
        List<String> names = List.of(socket.toString(), path, path + "~/s");
        Set<String> links = new HashSet<>();
        try {
            for (String line : Files.readAllLines(PROC.resolve("net/unix"))) {
                String[] columns = line.trim().split(" +", UNIX_PATH + 1);
                if (columns.length > UNIX_PATH
                        && names.contains(columns[UNIX_PATH])
                        && (Long.parseLong(columns[UNIX_FLAGS], 16) & LISTENING) != 0) {
                    links.add("socket:[" + columns[UNIX_INODE] + "]");
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return ProcessHandle.allProcesses()
                .filter(process -> holds(process.pid(), links))
                .findFirst();
    }

    private static boolean holds(long pid, Set<String> links) {
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(PROC.resolve(Long.toString(pid)).resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (links.contains(linkOf(descriptor))) {
                    return true;
                }
            }
        } catch (IOException e) {
            // The process belongs to another user, or has ended.
        }
        return false;
    }

    private static String linkOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
