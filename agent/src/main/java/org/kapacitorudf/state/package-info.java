/**
 * What a function remembers: per group or for the whole node, part of Kapacitor's snapshots.
 *
 * <p>Where to start: {@link org.kapacitorudf.state.GroupState} and {@link org.kapacitorudf.state.State} are what
 * {@code Context} gives. {@link org.kapacitorudf.state.Expiry} says when a group is forgotten,
 * {@link org.kapacitorudf.state.Migration} changes values that an older version of the function saved.
 *
 * <p>May use: {@code errors}. How state is kept and written is in {@code internal.snapshot}.
 */
@NullMarked
package org.kapacitorudf.state;

import org.jspecify.annotations.NullMarked;
