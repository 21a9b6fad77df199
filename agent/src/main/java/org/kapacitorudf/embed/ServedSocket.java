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
 * One socket of a server, and its file. The file may disappear while the server runs: a cleaner of old files removes it, or
 * its directory is mounted again. Open connections are not affected, but new ones fail. So the socket is checked
 * regularly: its file is touched once a day. If the file is gone, the socket is bound again. If another file is in its place,
 * that file is left alone. If that is the socket of another server, somebody wanted it to take over.
 *
 * <p>Threading: one thread at a time; {@link #isReachable} is safe for any.
 */
final class ServedSocket {
    private static final Logger LOG = LoggerFactory.getLogger(ServedSocket.class);

    private static final String TAKEN_OVER =
            "another server has taken over: connections go on here, and new ones go there";

    private static final long TOUCH_AGE_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final SocketFile file;
    private final Function<SocketFile, ChannelFuture> bind;
    private final InstantSource wallClock;
    private volatile @Nullable UnixServerChannel listening; // null before it is bound
    private boolean taken;
    private String told = "";

    /** @param bind makes a server listen */
    ServedSocket(SocketFile file, Function<SocketFile, ChannelFuture> bind, InstantSource wallClock) {
        this.file = file;
        this.bind = bind;
        this.wallClock = wallClock;
    }

    /**
     * Listens.
     *
     * @param takeOver whether the place is taken from a server that listens there
     */
    void listen(boolean takeOver) throws IOException {
        ChannelFuture bound = bind.apply(takeOver ? file.takingOver() : file).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof IOException cause ? cause : new IOException(bound.cause());
        }
        UnixServerChannel former = listening;
        listening = (UnixServerChannel) bound.channel();
        if (former != null) {
            former.close(); // behind the new one, so that no other file gets its inode
        }
    }

    /** Whether it listens, and whoever connects to the path gets here. */
    boolean isReachable() {
        UnixServerChannel channel = listening;
        return channel != null && channel.place() == UnixServerChannel.Place.OWN;
    }

    /** Sees whether the file is still there, and does what can be done. */
    void look() {
        UnixServerChannel channel = Objects.requireNonNull(listening, "not bound");
        switch (channel.place()) {
            case OWN -> {
                told = "";
                keepYoung();
            }
            case SERVERS -> {
                // When that one ends, this one does not want the place back.
                taken = true;
                if (!told.equals(TAKEN_OVER)) {
                    told = TAKEN_OVER;
                    LOG.info("{}: {}", file, TAKEN_OVER);
                }
            }
            case OTHERS -> {
                taken = true;
                tell("another file has taken its place: connections go on, but no new one comes here");
            }
            case GONE -> bindAgain();
        }
    }

    /**
     * Touches the file. A cleaner of old files skips a socket that is in use, but it looks for the path that the socket was
     * bound at, and this one was moved afterwards.
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
            LOG.warn("{}: the file was gone, and nobody could connect: it has been made anew", file);
            told = "";
        } catch (IOException e) {
            tell("the file is gone, nobody can connect, and it cannot be made anew: " + e.getMessage());
        }
    }

    private void tell(String text) {
        if (!told.equals(text)) {
            told = text;
            LOG.error("{}: {}", file, text);
        }
    }

    /** Its channel; null before it is bound. */
    @Nullable
    Channel channel() {
        return listening;
    }

    SocketFile file() {
        return file;
    }
}
