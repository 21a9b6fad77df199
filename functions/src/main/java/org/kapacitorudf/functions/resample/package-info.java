/** The mathematics of {@code resample}: a series on a regular grid of times, and its mean, integral or increase in each interval. No type of Kapacitor. */
package org.kapacitorudf.functions.resample;
