package org.kapacitorudf.internal.snapshot;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.function.Supplier;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.PropertyValueBuffer;

/**
 * Creates the record of a state whose type is a record. A component that is missing in the snapshot is taken from a
 * fresh record.
 */
final class FreshRecord extends ValueInstantiator.Delegating {
    /** The name of the context attribute that contains the {@code Supplier} of fresh values. */
    static final String FRESH = "fresh";

    FreshRecord(ValueInstantiator canonical) {
        super(canonical);
    }

    @Override
    public Object createFromObjectWith(
            DeserializationContext context, SettableBeanProperty[] components, PropertyValueBuffer read) {
        Object fresh = null;
        for (SettableBeanProperty component : components) {
            if (!read.hasParameter(component)) {
                if (fresh == null) {
                    fresh = ((Supplier<?>) context.getAttribute(FRESH)).get();
                }
                read.assignParameter(component, value(fresh, component.getName()));
            }
        }
        return super.createFromObjectWith(context, components, read);
    }

    private static Object value(Object fresh, String name) {
        for (RecordComponent component : fresh.getClass().getRecordComponents()) {
            if (component.getName().equals(name)) {
                try {
                    Method accessor = component.getAccessor();
                    accessor.setAccessible(true);
                    return accessor.invoke(fresh);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(fresh.getClass().getName() + "." + name + "(): " + e, e);
                }
            }
        }
        throw new IllegalStateException(
                name + ": no component of " + fresh.getClass().getName() + " (expected: one)");
    }
}
