/**
 * The parts of protobuf's encoding that points and batches need, in byte arrays. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.wire.Wire} reads and writes fields,
 * {@link org.kapacitorudf.internal.wire.Structure} checks once that the fields can be read, and
 * {@link org.kapacitorudf.internal.wire.Encoded} creates new fields. This package knows no specific message;
 * {@link org.kapacitorudf.Point} knows the meaning of the fields.
 *
 * <p>A message is a sequence of fields, in any order. A map has one message for each entry, with the key in field 1 and
 * the value in field 2:
 *
 * <pre>
 *   BEFORE  08 96 01 | 12 03 63 70 75 | 42 0C 0A 01 76 11 00 00 00 00 00 00 F8 3F
 *   AFTER   1: 150   | 2: "cpu"       | 8: "v" -&gt; 1.5
 * </pre>
 *
 * <p>The generated classes are not used: decoding a point with them would cost ten times the time and memory. This
 * package only checks a point, and reads only the parts that a handler asks for.
 *
 * <p>May use: no other package of this project.
 */
@NullMarked
package org.kapacitorudf.internal.wire;

import org.jspecify.annotations.NullMarked;
