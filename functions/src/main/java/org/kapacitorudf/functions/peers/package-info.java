/** The mathematics of {@code peers}: the members of a cohort against its median. No type of Kapacitor. */
package org.kapacitorudf.functions.peers;
