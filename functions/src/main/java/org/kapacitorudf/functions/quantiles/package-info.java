/**
 * The mathematics of {@code quantiles}: a t-digest, and the quantiles of several of them together. No type of
 * Kapacitor.
 */
package org.kapacitorudf.functions.quantiles;
