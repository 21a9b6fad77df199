package org.kapacitorudf.internal.snapshot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.GroupState;

/**
 * A state with one value for each group.
 *
 * <p>A snapshot writes the groups in slices, between the handler's calls. If a group is accessed before it has been
 * written, it is written first, because the handler may change its value. With a {@link StateBackend} there are no
 * snapshots: {@link #save} writes the groups that have been accessed to the backend.
 *
 * <p>Threading: for use only within the handler's calls.
 */
sealed class StatePerGroup<T> implements GroupState<T>, StoredState permits ExpiringStatePerGroup {
    private final StateSerializer<T> serializer;
    private final Supplier<? extends T> fresh;
    private Map<String, GroupEntry<T>> groups = new HashMap<>();
    private GroupRing<T> ring = new GroupRing<>();
    private int snapshots;
    private @Nullable GroupWatcher<T> watcher; // null unless a snapshot is in progress or there is a backend
    private @Nullable Changes changes; // null without a backend

    StatePerGroup(StateSerializer<T> serializer, Supplier<? extends T> fresh) {
        this.serializer = serializer;
        this.fresh = fresh;
    }

    @Override
    public final T of(String name) {
        GroupEntry<T> group = groups.get(name);
        if (group == null) {
            // computeIfAbsent() cannot be used, because fresh is code of the function and may access other groups.
            T value = fresh.get();
            put(name, value);
            return value;
        }
        touch(group);
        used(group);
        return group.value;
    }

    @Override
    public final Optional<T> find(String name) {
        GroupEntry<T> group = groups.get(name);
        if (group == null) {
            return Optional.empty();
        }
        touch(group);
        return Optional.of(group.value);
    }

    @Override
    public final void put(String name, T value) {
        serializer.checked(value);
        GroupEntry<T> group = groups.get(Objects.requireNonNull(name, "group"));
        if (group == null) {
            group = newGroup(name, value, snapshots, 0);
            groups.put(name, group);
            ring.addLast(group);
            if (watcher != null) {
                watcher.made(group);
            }
            used(group);
            added();
        } else {
            touch(group);
            used(group);
            group.value = value;
        }
    }

    @Override
    public final void remove(String name) {
        GroupEntry<T> group = groups.remove(name);
        if (group != null) {
            touch(group);
            unlink(group);
        }
    }

    @Override
    public final int size() {
        return groups.size();
    }

    @Override
    public final void forEach(BiConsumer<? super String, ? super T> visitor) {
        groups.forEach((name, group) -> {
            touch(group);
            visitor.accept(name, group.value);
        });
    }

    /** Called before any access to a group. */
    private void touch(GroupEntry<T> group) {
        if (group.writtenIn != snapshots && watcher != null) {
            watcher.touched(group);
        }
    }

    private void unlink(GroupEntry<T> group) {
        if (watcher != null) {
            watcher.unlinked(group);
        }
        ring.remove(group);
    }

    /** Moves a group to the end of the list. */
    final void moveLast(GroupEntry<T> group) {
        unlink(group);
        ring.addLast(group);
    }

    final GroupRing<T> ring() {
        return ring;
    }

    /** @param lastUse the last use, as recorded by the {@link #clock}; ignored for a group that is about to be used */
    GroupEntry<T> newGroup(String name, T value, int writtenIn, long lastUse) {
        return new GroupEntry<>(name, value, writtenIn);
    }

    /** Called when a group is used or created. */
    void used(GroupEntry<T> group) {}

    /** Called when a group has been added. */
    void added() {}

    /**
     * Called when all groups have been replaced.
     *
     * @param ofLastUses the clock that has recorded the last uses, which may differ from the clock of this state; null
     *     if there is none
     */
    void replaced(@Nullable UseClock ofLastUses) {}

    /** The clock of the groups' last uses; null if there is none. */
    @Nullable
    UseClock clock() {
        return null;
    }

    void write(GroupEntry<T> group, StateSerializer<T>.GroupsWriter out) {
        out.write(group.name, group.value);
    }

    @Override
    public Kind kind() {
        return Kind.GROUPS;
    }

    @Override
    public final boolean isEmpty() {
        return groups.isEmpty();
    }

    @Override
    public final int groupCount() {
        return groups.size();
    }

    @Override
    public final Writing begin(SnapshotBuffer out) {
        snapshots++;
        GroupsWriting writing = new GroupsWriting(serializer.groupsWriter(out, clock()));
        watcher = writing;
        return writing;
    }

    @Override
    public final Runnable read(Envelope.Section section) {
        Map<String, GroupEntry<T>> restored = new HashMap<>();
        GroupRing<T> inOrder = new GroupRing<>();
        UseClock ofLastUses = serializer.readGroups(section, fresh, (name, lastUse, value) -> {
            GroupEntry<T> group = newGroup(name, value, snapshots, lastUse);
            inOrder.addLast(group);
            return restored.put(name, group) == null;
        });
        return () -> {
            groups = restored;
            ring = inOrder;
            replaced(ofLastUses);
        };
    }

    @Override
    public final void keepChanges() {
        changes = new Changes();
        watcher = changes;
        snapshots++; // so that the next access to a restored group is recorded as a change
    }

    @Override
    public final void take(String name, BackendValue value, Envelope.Section section) {
        T restored;
        try {
            restored = serializer.readValue(section, fresh);
        } catch (SnapshotException e) {
            throw StateSerializer.at(name, e);
        }
        long lastUse = value.clock() == clock() ? value.lastUse() : StateTimes.UNKNOWN;
        GroupEntry<T> group = newGroup(name, restored, snapshots, lastUse);
        GroupEntry<T> created = groups.put(name, group);
        if (created != null) {
            ring.remove(created);
        }
        ring.addLast(group);
    }

    @Override
    public final int unsavedGroups() {
        return changes == null ? 0 : changes.groups.size();
    }

    @Override
    public final void save(String state, StateBackend backend, BackendValue.Writer out) {
        if (changes == null || changes.groups.isEmpty()) {
            return;
        }
        for (GroupEntry<T> group : changes.groups) {
            GroupEntry<T> current = groups.get(group.name);
            if (current == group) {
                try {
                    serializer.writeValue(group.value, begin(group, out));
                } catch (SnapshotException e) {
                    throw StateSerializer.at(group.name, e);
                }
                backend.put(state, group.name, out.toByteArray());
            } else if (current == null) {
                backend.remove(state, group.name);
            }
        }
        changes.groups.clear();
        snapshots++;
    }

    @Override
    public void taken() {}

    BackendValue.Writer begin(GroupEntry<T> group, BackendValue.Writer out) {
        return out.begin(Kind.GROUPS.code());
    }

    /** Collects the groups to save: those that have been accessed since the last save. */
    private final class Changes implements GroupWatcher<T> {
        private final List<GroupEntry<T>> groups = new ArrayList<>();

        @Override
        public void touched(GroupEntry<T> group) {
            group.writtenIn = snapshots;
            groups.add(group);
        }

        @Override
        public void unlinked(GroupEntry<T> group) {}

        @Override
        public void made(GroupEntry<T> group) {
            groups.add(group);
        }
    }

    /** Writes the groups that existed when the snapshot began. */
    private final class GroupsWriting implements Writing, GroupWatcher<T> {
        private final StateSerializer<T>.GroupsWriter out;
        private int left = groups.size();
        private @Nullable GroupEntry<T> next = ring.first();
        private @Nullable SnapshotException failure;

        GroupsWriting(StateSerializer<T>.GroupsWriter out) {
            this.out = out;
        }

        @Override
        public void unlinked(GroupEntry<T> group) {
            if (next == group) {
                next = ring.after(group);
            }
        }

        @Override
        public void made(GroupEntry<T> group) {}

        @Override
        public boolean goOn(BooleanSupplier mayGoOn) {
            do {
                if (failure != null) {
                    throw failure;
                }
                GroupEntry<T> group = next;
                if (left == 0 || group == null) {
                    out.end();
                    return true;
                }
                next = ring.after(group);
                if (group.writtenIn != snapshots) {
                    write(group);
                }
            } while (mayGoOn.getAsBoolean());
            return false;
        }

        /** An error makes the snapshot fail, not the call that accesses the group. */
        @Override
        public void touched(GroupEntry<T> group) {
            if (failure == null) {
                try {
                    write(group);
                } catch (SnapshotException e) {
                    failure = e;
                } catch (OutOfMemoryError e) {
                    failure = new SnapshotException("group \"" + group.name + "\": " + e, e);
                }
            }
        }

        private void write(GroupEntry<T> group) {
            StatePerGroup.this.write(group, out);
            group.writtenIn = snapshots;
            left--;
        }

        @Override
        public void end() {
            if (watcher == this) {
                watcher = null;
            }
        }
    }
}
