/**
 * The functions that there are: on the class path, and in jars in a directory, each with a class loader of its own.
 *
 * <p>Where to start: {@code Functions} finds them; {@link org.kapacitorudf.server.plugin.PlugIn} is one jar with its
 * libraries.
 *
 * <p>May use: {@code terminal}.
 */
package org.kapacitorudf.server.plugin;
