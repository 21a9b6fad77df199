/**
 * The exceptions that functions throw and catch, and the failure policies.
 *
 * <p>Where to start: a function throws {@link org.kapacitorudf.errors.UdfException} with a message for the owner of the
 * task. {@link org.kapacitorudf.errors.FailurePolicy} decides what the agent does after an exception. A
 * {@link org.kapacitorudf.errors.FieldException} always skips only the point.
 *
 * <p>May use: no other package of this project.
 */
@NullMarked
package org.kapacitorudf.errors;

import org.jspecify.annotations.NullMarked;
