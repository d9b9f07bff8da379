package io.gridnode.jmeter;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.jmeter.config.Arguments;
import org.apache.jmeter.engine.util.CompoundVariable;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.testelement.TestElement;
import org.apache.jmeter.testelement.property.FunctionProperty;
import org.apache.jmeter.testelement.property.JMeterProperty;
import org.apache.jmeter.testelement.property.MultiProperty;
import org.apache.jmeter.testelement.property.PropertyIterator;
import org.apache.jmeter.threads.AbstractThreadGroup;
import org.apache.jmeter.threads.JMeterContextService;
import org.apache.jmeter.threads.JMeterVariables;
import org.apache.jorphan.collections.HashTree;
import org.apache.jorphan.collections.HashTreeTraverser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP requests that went out with a {@code ${variable}} in their URL, headers, cookies or body, as it stands: the variable had no
 * value, often because an extractor before them found nothing. A user and password of Basic are encoded, and looked at all the same. JMeter says nothing of it, and the target may well answer.
 *
 * <p>Only names that the plan refers to and that had no value then count: a text with an escaped {@code \${name}}, or out of a
 * data file, is meant so.
 */
final class Unresolved {
    private static final Logger LOG = LoggerFactory.getLogger(Unresolved.class);
    private static final int NAMES_MAX = 20;
    private static final int DEPTH_MAX = 20;
    /** Of a request's body. */
    private static final int CHARS_MAX = 64 << 10;
    private static final String BASIC = "Basic ";
    /** As it is written, and as a URL has it. */
    private static final Pattern SENT =
            Pattern.compile("(?:\\$|%24)(?:\\{|%7[Bb])([^{}$%\\r\\n]{1,100})(?:\\}|%7[Dd])");
    private static final Pattern WRITTEN = Pattern.compile("(?<!\\\\)\\$\\{([^{}$\\r\\n]{1,100})\\}");

    private final Set<AbstractThreadGroup> groups = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> referred = ConcurrentHashMap.newKeySet();
    /** Of them, those in User Defined Variables and Cookie Managers: these keep a text of the start, whatever gets a value later. */
    private final Set<String> early = ConcurrentHashMap.newKeySet();
    /** Of this user, what had no value when one of its requests began, until those are told of. */
    private final ThreadLocal<Set<String>> without = new ThreadLocal<>();
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    private static final class Count {
        final String first;
        final AtomicLong requests = new AtomicLong();

        Count(String first) {
            this.first = first;
        }
    }

    /** At the beginning of a user, whose tree has all of its group, and of what is around that. */
    void threadStarted(AbstractThreadGroup group, HashTree tree) {
        if (group == null || tree == null) {
            return;
        }
        synchronized (groups) {
            if (groups.add(group)) {
                tree.traverse(new Names());
            }
        }
    }

    /** A request begins, on its user's thread: what has a value now has it in what is sent. */
    void sampling() {
        // A transaction tells of its requests at its end, of all at once.
        Set<String> names = without.get();
        for (String name : referred) {
            if (!hasValue(name)) {
                names = names == null || names.isEmpty() ? new HashSet<>() : names;
                names.add(name);
            }
        }
        without.set(names == null ? Collections.emptySet() : names);
    }

    /** Whatever has begun on this thread was told of. */
    void forget() {
        without.remove();
    }

    private boolean had(String name) {
        Set<String> names = without.get();
        // Another thread than its user's may tell of it, as with a controller of a plug-in.
        return names == null ? hasValue(name) : !names.contains(name);
    }

    private static boolean hasValue(String name) {
        JMeterVariables variables = JMeterContextService.getContext().getVariables();
        return variables != null && variables.get(name) != null;
    }

    /** A request that was finished. */
    void sampled(SampleResult result, SampleResult[] parts) {
        if (referred.isEmpty() || !HttpPart.isHttp(result)) {
            return;
        }
        Set<String> found = new HashSet<>();
        look(result, found);
        // What was followed: the result as a whole has the URL of the last one.
        for (SampleResult part : parts) {
            if (HttpPart.isHttp(part)) {
                look(part, found);
            }
        }
        for (String name : found) {
            Count count = counts.get(name);
            if (count == null && counts.size() < NAMES_MAX) {
                count = counts.computeIfAbsent(name, each -> new Count(result.getSampleLabel()));
            }
            if (count != null) {
                count.requests.incrementAndGet();
            }
        }
    }

    private void look(SampleResult result, Set<String> found) {
        URL url = result.getURL();
        look(url == null ? null : url.getFile(), found);
        look(url == null ? null : url.getHost(), found);
        look(result.getRequestHeaders(), found);
        look(basic(result.getRequestHeaders()), found);
        look(HttpPart.cookies(result), found);
        look(HttpPart.body(result), found);
    }

    /** USER:PASSWORD of these headers, or null. */
    private static String basic(String headers) {
        String value = HttpPart.header(headers, "Authorization");
        if (value == null || !value.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(value.substring(BASIC.length()).trim());
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void look(String text, Set<String> found) {
        if (text == null || text.indexOf("${") < 0 && text.indexOf("%7B") < 0 && text.indexOf("%7b") < 0) {
            return;
        }
        Matcher matcher = SENT.matcher(text.length() > CHARS_MAX ? text.substring(0, CHARS_MAX) : text);
        while (matcher.find()) {
            String name = matcher.group(1);
            if (referred.contains(name) && (early.contains(name) || !had(name))) {
                found.add(name);
            }
        }
    }

    /** {@code Sent ${NAME} as it stands, 12 times, first in: LABEL}, a line each. */
    void tell() {
        told().forEach(line -> LOG.info("{}", line));
    }

    List<String> told() {
        List<String> lines = new ArrayList<>();
        counts.forEach((name, count) ->
                lines.add("Sent ${" + name + "} as it stands, " + count.requests + " times, first in: " + count.first));
        Collections.sort(lines);
        return lines;
    }

    /** What the texts of a tree refer to. Nothing is computed: a function in it would count once more. */
    private final class Names implements HashTreeTraverser {
        private boolean isEarly;

        @Override
        public void addNode(Object node, HashTree subTree) {
            if (node instanceof TestElement) {
                // By name: JMeter's HTTP is a plug-in like any other.
                isEarly = node instanceof Arguments || node.getClass().getSimpleName().equals("CookieManager");
                of(((TestElement) node).propertyIterator(), 0);
            }
        }

        @Override
        public void subtractNode() {
            // Only what is there counts, not where.
        }

        @Override
        public void processPath() {
            // The same.
        }

        private void of(PropertyIterator properties, int depth) {
            while (properties.hasNext()) {
                JMeterProperty property = properties.next();
                if (property instanceof MultiProperty && depth < DEPTH_MAX) {
                    of(((MultiProperty) property).iterator(), depth + 1);
                } else if (property instanceof FunctionProperty) {
                    of(((FunctionProperty) property).getObjectValue());
                }
            }
        }

        private void of(Object function) {
            if (function instanceof CompoundVariable) {
                String text = ((CompoundVariable) function).getRawParameters();
                Matcher matcher = WRITTEN.matcher(text == null ? "" : text);
                while (matcher.find()) {
                    referred.add(matcher.group(1));
                    if (isEarly) {
                        early.add(matcher.group(1));
                    }
                }
            }
        }
    }
}
