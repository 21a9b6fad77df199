/**
 * The functions that are installed with the program: one public class for each, found by the service loader. The state
 * of a function, and what it computes, are in the subpackage with its name.
 */
@NullMarked
package org.kapacitorudf.functions;

import org.jspecify.annotations.NullMarked;
