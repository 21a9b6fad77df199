/**
 * Finds functions on the class path and in plug-in jars, which have separate class loaders.
 *
 * <p>Where to start: {@code Functions} finds them; {@link org.kapacitorudf.server.plugin.PlugIn} is one jar with its
 * libraries.
 *
 * <p>May use: {@code terminal}.
 */
@NullMarked
package org.kapacitorudf.server.plugin;

import org.jspecify.annotations.NullMarked;
