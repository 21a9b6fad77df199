package org.kapacitorudf.embed;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.File;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.channel.SocketFile;
import org.kapacitorudf.internal.channel.UnixServerChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket of a server and its file. The file may disappear while the server runs, because a temporary-file cleaner
 * removes it or its directory is remounted. Open connections are not affected, but new ones fail. The socket is
 * therefore checked regularly and its file is touched once a day. If the file is gone, the socket is bound again. If
 * another file is in its place, that file is left alone. If that file is the socket of another server, that server has
 * taken over.
 *
 * <p>Threading: one thread at a time; {@link #isReachable} is safe for use by any thread.
 */
final class ServedSocket {
    private static final Logger LOG = LoggerFactory.getLogger(ServedSocket.class);

    private static final String TAKEN_OVER = "another server has taken over this socket; existing connections continue";

    private static final long TOUCH_AGE_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final SocketFile file;
    private final Function<SocketFile, ChannelFuture> bind;
    private final InstantSource wallClock;
    private volatile @Nullable UnixServerChannel listening; // null before it is bound
    private boolean taken;
    private String told = "";

    /** @param bind binds a server to the socket */
    ServedSocket(SocketFile file, Function<SocketFile, ChannelFuture> bind, InstantSource wallClock) {
        this.file = file;
        this.bind = bind;
        this.wallClock = wallClock;
    }

    /**
     * Starts listening.
     *
     * @param takeOver whether to take the path from a server that listens there
     */
    void listen(boolean takeOver) throws IOException {
        ChannelFuture bound = bind.apply(takeOver ? file.takingOver() : file).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof IOException cause ? cause : new IOException(bound.cause());
        }
        UnixServerChannel former = listening;
        listening = (UnixServerChannel) bound.channel();
        if (former != null) {
            former.close(); // only after the new socket has been bound, so that no other file gets the old inode
        }
    }

    /** Whether this server listens and the path leads to it. */
    boolean isReachable() {
        UnixServerChannel channel = listening;
        return channel != null && channel.place() == UnixServerChannel.Place.OWN;
    }

    /** Checks the socket file. Binds the socket again if the file is gone, and touches the file if it is old. */
    void look() {
        UnixServerChannel channel = Objects.requireNonNull(listening, "not bound");
        switch (channel.place()) {
            case OWN -> {
                told = "";
                keepYoung();
            }
            case SERVERS -> {
                // Do not take the path back when the other server exits.
                taken = true;
                if (!told.equals(TAKEN_OVER)) {
                    told = TAKEN_OVER;
                    LOG.info("{}: {}", file, TAKEN_OVER);
                }
            }
            case OTHERS -> {
                taken = true;
                tell(
                        "another file has replaced this socket; existing connections continue, but no new ones arrive here");
            }
            case GONE -> bindAgain();
        }
    }

    /**
     * Touches the file. A temporary-file cleaner skips an active socket only if the socket still has the path to which
     * it was bound; this socket was renamed after it had been bound.
     */
    private void keepYoung() {
        File onDisk = file.path().toFile();
        long now = wallClock.millis();
        if (now - onDisk.lastModified() > TOUCH_AGE_MILLIS) {
            onDisk.setLastModified(now);
        }
    }

    private void bindAgain() {
        if (taken) {
            return;
        }
        try {
            listen(false);
            LOG.warn("{}: the file was missing and nothing could connect; the socket has been bound again", file);
            told = "";
        } catch (IOException e) {
            tell("the file is missing, nothing can connect, and the socket cannot be bound again: " + e.getMessage());
        }
    }

    private void tell(String text) {
        if (!told.equals(text)) {
            told = text;
            LOG.error("{}: {}", file, text);
        }
    }

    /** The channel; null before the socket is bound. */
    @Nullable
    Channel channel() {
        return listening;
    }

    SocketFile file() {
        return file;
    }
}
