/**
 * The state of a function, for each group or for the whole node. It is saved in Kapacitor's snapshots.
 *
 * <p>Where to start: {@code Context} returns {@link org.kapacitorudf.state.GroupState} and
 * {@link org.kapacitorudf.state.State}. {@link org.kapacitorudf.state.Expiry} defines when a group is removed, and
 * {@link org.kapacitorudf.state.Migration} upgrades values that an older version of the function saved.
 *
 * <p>May use: {@code errors}. {@code internal.snapshot} implements state and its encoding.
 */
@NullMarked
package org.kapacitorudf.state;

import org.jspecify.annotations.NullMarked;
