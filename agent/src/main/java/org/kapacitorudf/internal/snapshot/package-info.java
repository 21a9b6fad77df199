/**
 * The state of a handler and its snapshots. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.snapshot.States} holds all state of one handler. {@code Envelope}
 * documents the bytes of a snapshot. {@link org.kapacitorudf.internal.snapshot.StateSnapshot} takes a snapshot while
 * the handler keeps running. {@code StateSerializer} contains the configuration of Jackson. Jackson is not loaded
 * before a state is declared.
 *
 * <p>Valid types of a state:
 * <ul>
 * <li>a record, or a class with fields, which may be private, final or inherited and need no getters, setters or
 * annotations. {@code transient} fields are omitted. The class of a field that is not final needs a constructor without
 * arguments;
 * <li>types of its fields: numbers, strings, enums, {@code java.time}, {@code UUID}, {@code Optional}, arrays, the
 * collections and maps of {@code java.util}, records, and other classes with fields; never {@code Object}, an
 * interface, a function, or a subclass of the declared type;
 * <li>a number, string, enum, date or array by itself.
 * </ul> Any other type is rejected when a state is declared. A subclass in a field, or a comparator that would be
 * lost, is rejected when the state is written.
 *
 * <p>Compatible changes between two versions of a class: fields are added (they start as in a fresh object) or removed,
 * an {@code int} becomes a {@code long} or {@code double}, an enum gains constants, a class becomes a record. If a
 * field changes to another type, or a constant in use is removed, the restore fails. If the meaning of a field changes,
 * a new version and a migration are needed:
 * {@link org.kapacitorudf.Description#version(int, org.kapacitorudf.state.Migration)}.
 *
 * <p>May use: the API, {@code internal.wire}, Jackson.
 */
@NullMarked
package org.kapacitorudf.internal.snapshot;

import org.jspecify.annotations.NullMarked;
