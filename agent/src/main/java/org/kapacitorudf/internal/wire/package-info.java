/**
 * Protobuf's encoding over plain byte arrays, as far as points and batches need it. Not API: it may change at any
 * time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.wire.Wire} reads and writes fields,
 * {@link org.kapacitorudf.internal.wire.Structure} checks once that they can be read,
 * {@link org.kapacitorudf.internal.wire.Encoded} makes new ones. Nothing here knows a message; what the fields mean is
 * known to {@link org.kapacitorudf.Point}.
 *
 * <p>A message is its fields, one after the other, in any order; a map is a message for each entry, with the key in
 * field 1 and the value in field 2:
 *
 * <pre>
 *   BEFORE  08 96 01 | 12 03 63 70 75 | 42 0C 0A 01 76 11 00 00 00 00 00 00 F8 3F
 *   AFTER   1: 150   | 2: "cpu"       | 8: "v" -&gt; 1.5
 * </pre>
 *
 * <p>Why not the generated classes: decoding a point with them costs ten times the time and memory of checking it here
 * and reading what a handler asks for.
 *
 * <p>May use: nothing of ours.
 */
@NullMarked
package org.kapacitorudf.internal.wire;

import org.jspecify.annotations.NullMarked;
