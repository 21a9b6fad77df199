/**
 * Exceptions that functions throw and catch, and the policy for them.
 *
 * <p>Where to start: a function throws {@link org.kapacitorudf.errors.UdfException} with a text for the owner of the
 * task. {@link org.kapacitorudf.errors.FailurePolicy} decides what the agent does then. A
 * {@link org.kapacitorudf.errors.FieldException} always skips only the point.
 *
 * <p>May use: no other package of this project.
 */
@NullMarked
package org.kapacitorudf.errors;

import org.jspecify.annotations.NullMarked;
