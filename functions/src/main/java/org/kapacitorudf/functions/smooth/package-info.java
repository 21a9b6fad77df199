/** Averages that remove noise from a series. No type of Kapacitor. */
package org.kapacitorudf.functions.smooth;
