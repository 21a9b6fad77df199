package org.kapacitorudf.internal.host;

import java.util.Arrays;

/**
 * Timers ordered by due time; timers for the same instant are in the order in which they were set.
 *
 * <p>The queue is a heap in an array. Each timer knows its index, so a cancelled timer is removed immediately: handlers
 * often postpone an alarm with every point.
 *
 * <p>Threading: for use only within the handler's calls.
 */
final class TimerQueue {
    private static final int INITIAL_CAPACITY = 8;

    private TimerEntry[] heap = new TimerEntry[INITIAL_CAPACITY];
    private int size;

    /** The timer that is due first; null if there is none. */
    TimerEntry peek() {
        return heap[0];
    }

    void add(TimerEntry timer) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        rise(size++, timer);
    }

    /** Removes and returns the first timer. */
    TimerEntry poll() {
        TimerEntry first = heap[0];
        remove(first);
        return first;
    }

    /** Removes a timer that is in this queue. */
    void remove(TimerEntry timer) {
        int place = timer.place;
        timer.place = TimerEntry.NOWHERE;
        TimerEntry last = heap[--size];
        heap[size] = null;
        if (last != timer) {
            sink(place, last);
            if (last.place == place) {
                rise(place, last);
            }
        }
    }

    boolean contains(TimerEntry timer) {
        return timer.place != TimerEntry.NOWHERE && timer.place < size && heap[timer.place] == timer;
    }

    /** Removes all timers. */
    void clear() {
        for (int i = 0; i < size; i++) {
            heap[i].place = TimerEntry.NOWHERE;
            heap[i].setWanted(false);
        }
        heap = new TimerEntry[INITIAL_CAPACITY];
        size = 0;
    }

    private void rise(int from, TimerEntry timer) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) / 2;
            if (!isBefore(timer, heap[parent])) {
                break;
            }
            put(place, heap[parent]);
            place = parent;
        }
        put(place, timer);
    }

    private void sink(int from, TimerEntry timer) {
        int place = from;
        int child;
        while ((child = 2 * place + 1) < size) {
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], timer)) {
                break;
            }
            put(place, heap[child]);
            place = child;
        }
        put(place, timer);
    }

    private void put(int place, TimerEntry timer) {
        heap[place] = timer;
        timer.place = place;
    }

    private static boolean isBefore(TimerEntry one, TimerEntry other) {
        return one.dueNanos < other.dueNanos || (one.dueNanos == other.dueNanos && one.order < other.order);
    }
}
