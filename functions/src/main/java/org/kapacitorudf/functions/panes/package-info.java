/**
 * Sliding windows that are cut into panes: which pane a point belongs to, and which ones are over. No type of
 * Kapacitor.
 */
package org.kapacitorudf.functions.panes;
