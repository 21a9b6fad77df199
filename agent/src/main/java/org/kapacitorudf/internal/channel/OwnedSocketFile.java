package org.kapacitorudf.internal.channel;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening server, created by {@link #bind} and removed by {@link #remove}. See {@link SocketFile} for
 * the guarantees.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link BindException} with the reason if binding fails.
 */
public final class OwnedSocketFile {
    private static final int FILE_TYPE_MASK = 0170000;
    private static final int SOCKET_TYPE = 0140000;
    private static final String NO_SPACE = "No space left on device";

    private final SocketFile address;
    private final Object fileKey;

    private OwnedSocketFile(SocketFile address, Object fileKey) {
        this.address = address;
        this.fileKey = fileKey;
    }

    /**
     * Binds a server to an address.
     *
     * @param listener a channel that is not bound yet; the caller must close it if this method throws
     * @throws BindException if the address is in use, or if the file cannot be created as requested
     */
    public static OwnedSocketFile bind(SocketFile address, ServerSocketChannel listener, int backlog)
            throws IOException {
        Path path = address.path();
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new BindException("socket directory: " + parent + " (expected: an existing directory)");
        }
        try (BindLock lock = BindLock.acquire(path)) {
            Path made = lock.directory().resolve("s");
            Files.deleteIfExists(made); // left by a process that was killed while binding
            refuseUnlessFree(path, address.takesOver());
            try {
                listener.bind(UnixDomainSocketAddress.of(made), backlog);
                setGroup(made, address);
                Files.setPosixFilePermissions(made, address.permissions());
                Object fileKey = fileKey(made);
                Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
                return new OwnedSocketFile(address, fileKey);
            } finally {
                Files.deleteIfExists(made);
            }
        } catch (BindException e) {
            throw e;
        } catch (FileSystemException e) {
            throw failure(path, e instanceof AccessDeniedException ? "permission denied" : e.getReason(), e);
        } catch (IOException e) {
            throw failure(path, e.getMessage(), e);
        }
    }

    private static BindException failure(Path path, @Nullable String given, IOException cause) {
        String reason = given == null ? cause.getClass().getSimpleName() : given;
        String file = cause instanceof FileSystemException e ? ": " + e.getFile() : "";
        String expected = reason.equals(NO_SPACE) ? "space for a file" : "a directory that this process may write to";
        return (BindException)
                new BindException("socket file: " + path + ": " + reason + file + " (expected: " + expected + ")")
                        .initCause(cause);
    }

    private static void refuseUnlessFree(Path path, boolean takesOver) throws IOException {
        int mode;
        try {
            mode = mode(path);
        } catch (NoSuchFileException e) {
            return;
        }
        if (!isSocket(mode)) {
            throw new BindException("socket file: " + path + " is not a socket (expected: none, or the socket of a"
                    + " server that is no longer running)");
        }
        if (takesOver) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // With a full backlog, a blocking connect would wait for the other server.
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException nobodyListens) {
            return;
        } catch (IOException e) {
            throw new BindException("socket file: " + path + ": cannot tell whether a server listens there: "
                    + e.getMessage() + " (expected: none, or the socket of a server that is no longer running)");
        }
        throw new BindException("socket file: " + path
                + ": a server listens there (expected: none, or the socket of a server that is no longer running)");
    }

    private static void setGroup(Path path, SocketFile address) throws IOException {
        if (address.group().isEmpty()) {
            return;
        }
        String name = address.group().get();
        try {
            GroupPrincipal group =
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
            Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            throw new BindException("socket group: " + name + " (expected: a group of this system)");
        } catch (FileSystemException e) {
            throw new BindException("socket group: " + name + ": " + e.getReason()
                    + " (expected: a group that the user of this process belongs to)");
        }
    }

    /** The address that the server is bound to. */
    SocketFile address() {
        return address;
    }

    /**
     * Removes the file if it still belongs to this server.
     *
     * <p>Call this method while the server still listens: as long as it does, the kernel does not reuse the inode
     * number, and only a server that takes over replaces the file. Checking and removing are two steps: if a server
     * takes over between them, its file is removed, and it binds its socket again when it next checks the file.
     */
    public void remove() throws IOException {
        try {
            if (fileKey.equals(fileKey(address.path()))) {
                Files.delete(address.path());
            }
        } catch (NoSuchFileException e) {
            // The file has already been removed.
        }
    }

    /** What is currently at the path. */
    UnixServerChannel.Place place() {
        try {
            if (fileKey.equals(fileKey(address.path()))) {
                return UnixServerChannel.Place.OWN;
            }
            return isSocket(mode(address.path())) ? UnixServerChannel.Place.SERVERS : UnixServerChannel.Place.OTHERS;
        } catch (IOException e) {
            return UnixServerChannel.Place.GONE; // the directory may be gone, too, or be inaccessible
        }
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isSocket(int mode) {
        return (mode & FILE_TYPE_MASK) == SOCKET_TYPE;
    }

    private static Object fileKey(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }
}
