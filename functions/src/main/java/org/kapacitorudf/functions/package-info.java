/**
 * The functions that are installed with the program: one public class for each, found by the service loader. Each
 * function's state and computation are in a subpackage named after the function.
 */
@NullMarked
package org.kapacitorudf.functions;

import org.jspecify.annotations.NullMarked;
