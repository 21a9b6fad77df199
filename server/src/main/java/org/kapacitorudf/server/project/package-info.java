/**
 * {@code kapacitor-udf new}: creates a Maven project with one function, from the templates in this package's resources.
 *
 * <p>Where to start: {@code NewProject}.
 *
 * <p>May use: {@code install}, {@code plugin}, {@code terminal}.
 */
@NullMarked
package org.kapacitorudf.server.project;

import org.jspecify.annotations.NullMarked;
