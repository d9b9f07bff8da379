package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URL;
import java.util.List;
import java.util.Map;
import org.apache.jmeter.config.Arguments;
import org.apache.jmeter.engine.util.CompoundVariable;
import org.apache.jmeter.protocol.http.sampler.HTTPSampleResult;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.testelement.TestElement;
import org.apache.jmeter.testelement.property.CollectionProperty;
import org.apache.jmeter.testelement.property.FunctionProperty;
import org.apache.jmeter.testelement.property.TestElementProperty;
import org.apache.jmeter.threads.JMeterContextService;
import org.apache.jmeter.threads.JMeterVariables;
import org.apache.jmeter.threads.ThreadGroup;
import org.apache.jorphan.collections.ListedHashTree;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnresolvedTest {
    private static final SampleResult[] NONE = {};
    private final Unresolved unresolved = new Unresolved();

    @Test
    void whatWentOutAsItStandsIsCountedOnceARequest() throws Exception {
        started("/orders/${id}?again=${id}", "Bearer ${token}");
        SampleResult order = http("order", "/orders/$%7Bid%7D?again=%24%7bid%7d");
        unresolved.sampled(order, NONE);
        HTTPSampleResult headers = http("headers", "/ok");
        headers.setRequestHeaders("Authorization: Bearer ${token}\r\n");
        unresolved.sampled(headers, NONE);
        HTTPSampleResult body = http("body", "/ok");
        body.setQueryString("{\"token\": \"${token}\"}");
        unresolved.sampled(body, NONE);
        unresolved.sampled(http("fine", "/orders/7"), NONE);
        assertEquals(
                List.of("Sent ${id} as it stands, 1 times, first in: order", "Sent ${token} as it stands, 2 times, first in: headers"),
                unresolved.told());
    }

    @Test
    void cookiesAndAnEncodedPasswordAreLookedAtToo() throws Exception {
        started("${token}");
        HTTPSampleResult cookie = http("cookie", "/ok");
        cookie.setCookies("sid=${token}");
        unresolved.sampled(cookie, NONE);
        for (String sent : List.of("Basic dToke3Rva2VufQ==", "basic  dToke3Rva2VufQ==", "Basic dTo3", "Basic ${", "Digest x")) {
            HTTPSampleResult login = http("login", "/ok");
            login.setRequestHeaders("Host: shop\r\nAuthorization: " + sent + "\r\n");
            unresolved.sampled(login, NONE);
        }
        assertEquals(List.of("Sent ${token} as it stands, 3 times, first in: cookie"), unresolved.told());
    }

    @Test
    void whatWasFollowedIsLookedAtToo() throws Exception {
        started("/${id}");
        unresolved.sampled(http("order", "/end"), new SampleResult[] {http("hop", "/${id}"), SampleResult.createTestSample(1)});
        assertEquals(List.of("Sent ${id} as it stands, 1 times, first in: order"), unresolved.told());
    }

    @Test
    void whatThePlanDoesNotReferToIsMeantSo() throws Exception {
        started("\\${id} and ${token}");
        unresolved.sampled(http("order", "/${id}/${other}"), NONE);
        assertEquals(List.of(), unresolved.told());
    }

    @Test
    void whatHadAValueIsTextOfItsData() throws Exception {
        started("${name} ${token}");
        user(Map.of("name", "ok"));
        unresolved.sampling();
        unresolved.sampled(http("order", "/${name}/${token}"), NONE);
        unresolved.forget();
        // Another thread than its user's: what has a value now.
        unresolved.sampled(http("order", "/${name}/${token}"), NONE);
        assertEquals(List.of("Sent ${token} as it stands, 2 times, first in: order"), unresolved.told());
    }

    @Test
    void whatGetsItsValueFromTheAnswerHadNone() throws Exception {
        started("${name}");
        user(Map.of());
        unresolved.sampling();
        user(Map.of("name", "ok"));
        unresolved.sampling();
        unresolved.sampled(http("first of a transaction", "/${name}"), NONE);
        unresolved.forget();
        unresolved.sampling();
        unresolved.sampled(http("data", "/${name}"), NONE);
        assertEquals(List.of("Sent ${name} as it stands, 1 times, first in: first of a transaction"), unresolved.told());
    }

    @Test
    void whatIsFixedAtTheStartIsAsItWasThen() throws Exception {
        ThreadGroup group = new ThreadGroup();
        Arguments variables = new Arguments();
        variables.setProperty(written("Bearer ${token}"));
        ListedHashTree tree = new ListedHashTree();
        tree.add(group).add(variables);
        unresolved.threadStarted(group, tree);
        user(Map.of("token", "7"));
        unresolved.sampling();
        unresolved.sampled(http("order", "/${token}"), NONE);
        assertEquals(List.of("Sent ${token} as it stands, 1 times, first in: order"), unresolved.told());
    }

    @AfterEach
    void noUser() {
        JMeterContextService.getContext().setVariables(null);
    }

    private static void user(Map<String, String> values) {
        JMeterVariables variables = new JMeterVariables();
        values.forEach(variables::put);
        JMeterContextService.getContext().setVariables(variables);
    }

    @Test
    void aLabelIsNoRequest() throws Exception {
        started("${id}");
        unresolved.sampled(http("order ${id}", "/ok"), NONE);
        SampleResult script = SampleResult.createTestSample(1);
        script.setSamplerData("${id}");
        unresolved.sampled(script, NONE);
        assertEquals(List.of(), unresolved.told());
    }

    /** A group whose tree has an element with these texts: its own, and those of an element and a list within it. */
    private void started(String... texts) {
        ThreadGroup group = new ThreadGroup();
        ThreadGroup inner = new ThreadGroup();
        CollectionProperty list = new CollectionProperty();
        list.setName("list");
        for (String text : texts) {
            FunctionProperty property = written(text);
            if (inner.propertyIterator().hasNext()) {
                list.addProperty(property);
            } else {
                inner.setProperty(property);
            }
        }
        inner.setProperty(list);
        TestElement outer = new ThreadGroup();
        outer.setProperty(new TestElementProperty("inner", inner));
        ListedHashTree tree = new ListedHashTree();
        tree.add(group).add(outer);
        unresolved.threadStarted(group, tree);
    }

    private static FunctionProperty written(String text) {
        return new FunctionProperty(text, new CompoundVariable() {
            @Override
            public String getRawParameters() {
                return text;
            }

            @Override
            public String execute() {
                throw new AssertionError("nothing is computed");
            }
        });
    }

    private static HTTPSampleResult http(String label, String file) throws Exception {
        HTTPSampleResult result = new HTTPSampleResult();
        result.setSampleLabel(label);
        result.setHTTPMethod("GET");
        // Not by way of a URI: JMeter's URLs may have any characters.
        result.setURL(new URL("http", "127.0.0.1", 80, file));
        return result;
    }
}
