/** Series of numbers in time: the order of their points, and what keeps it. No type of Kapacitor. */
package org.kapacitorudf.functions.series;
