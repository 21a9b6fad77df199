/**
 * Functions from jars in a directory, each with a class loader of its own: {@code --plugins DIR}.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.plugin.PlugIn}.
 */
package org.kapacitorudf.server.plugin;
