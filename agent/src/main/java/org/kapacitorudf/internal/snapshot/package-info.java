/**
 * The state of a handler and its snapshots. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.snapshot.States} holds all state of one handler.
 * {@code Envelope} shows the bytes of a snapshot, {@link org.kapacitorudf.internal.snapshot.StateSnapshot} makes one
 * while the handler goes on, {@code StateSerializer} has all there is of Jackson, which is not loaded before a state
 * is declared.
 *
 * <p>What a state may be:
 * <ul>
 *   <li>a record, or a class with fields: private, final, inherited, without getters, setters, annotations.
 *       {@code transient} fields stay out. Classes inside it need a constructor without arguments, unless their field
 *       is final;
 *   <li>in its fields: numbers, strings, enums, {@code java.time}, {@code UUID}, {@code Optional}, arrays, the
 *       collections and maps of {@code java.util}, records and classes again; never {@code Object}, an interface, a
 *       function, or a subclass of what is declared;
 *   <li>a number, string, enum, date or array by itself.
 * </ul>
 * Anything else is refused when it is declared; a subclass in a field, or a comparator that would get lost, when it is
 * written.
 *
 * <p>What may change between two versions of a class: fields come (they start as in a fresh object) and go, an
 * {@code int} becomes a {@code long} or {@code double}, an enum gains constants, a class becomes a record. A field
 * that gets another type, or a constant that goes while it is in use, makes the restore fail. A class that means
 * something new by the same fields needs another version, and a migration:
 * {@link org.kapacitorudf.Description#version(int, org.kapacitorudf.state.Migration)}.
 *
 * <p>May use: the API, {@code internal.wire}, Jackson.
 */
package org.kapacitorudf.internal.snapshot;
