/**
 * The mathematics of {@code countDistinct}: hashes of values, and how many different ones there are. No type of
 * Kapacitor.
 */
package org.kapacitorudf.functions.distinct;
