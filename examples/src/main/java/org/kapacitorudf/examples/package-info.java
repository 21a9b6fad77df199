/** Kapacitor's own examples of UDFs, written with this library: one public class for each. */
@NullMarked
package org.kapacitorudf.examples;

import org.jspecify.annotations.NullMarked;
