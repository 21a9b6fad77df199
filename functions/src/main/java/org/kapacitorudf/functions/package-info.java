/**
 * The functions for monitoring: detectors, which tell whether a value is unusual, and functions that clean or combine series.
 *
 * <p>A class in this package is thin: options, state per group, and what is emitted. The mathematics is in the packages below, in plain classes that know
 * nothing of Kapacitor. Each function is found through {@code META-INF/services/org.kapacitorudf.Udf}; its TICKscript is the resource {@code NAME.tick}.
 */
package org.kapacitorudf.functions;
