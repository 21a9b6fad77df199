/**
 * The mathematics of {@code forecast}: exponential smoothing with two seasons, and a band for each lead time. No type
 * of Kapacitor.
 */
package org.kapacitorudf.functions.forecast;
