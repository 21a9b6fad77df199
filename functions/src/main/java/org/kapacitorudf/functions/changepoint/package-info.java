/** The mathematics of {@code changepoint}: cumulative sums that find a shift of the level or of the spread. No type of Kapacitor. */
package org.kapacitorudf.functions.changepoint;
