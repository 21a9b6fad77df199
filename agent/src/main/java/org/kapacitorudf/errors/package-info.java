/**
 * What a function throws, what it may catch, and what is done with an exception.
 *
 * <p>Where to start: a function throws {@link org.kapacitorudf.errors.UdfException} with a text for the owner of the
 * task. {@link org.kapacitorudf.errors.FailurePolicy} says what the agent does then. A
 * {@link org.kapacitorudf.errors.FieldException} always skips the point alone.
 *
 * <p>May use: nothing of ours.
 */
@NullMarked
package org.kapacitorudf.errors;

import org.jspecify.annotations.NullMarked;
