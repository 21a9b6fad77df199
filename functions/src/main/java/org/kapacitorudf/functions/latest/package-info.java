/** What {@code latest} remembers: the last values of a series, and which of them belongs to a time. No type of Kapacitor. */
package org.kapacitorudf.functions.latest;
