package io.gridnode.gatling;

import scala.collection.immutable.$colon$colon;
import scala.collection.immutable.List;
import scala.collection.immutable.Nil$;

/** Scala's lists. */
final class Lists {
    private Lists() {}

    @SuppressWarnings("unchecked")
    static List<String> of(String... elements) {
        List<String> list = (List<String>) (List<?>) Nil$.MODULE$;
        for (int i = elements.length - 1; i >= 0; i--) {
            list = new $colon$colon<>(elements[i], list);
        }
        return list;
    }
}
