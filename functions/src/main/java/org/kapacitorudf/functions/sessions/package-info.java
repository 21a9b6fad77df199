/** The logic of {@code sessions}: when a session begins, and when it ends. No type of Kapacitor. */
package org.kapacitorudf.functions.sessions;
