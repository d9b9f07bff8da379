package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Secrets in lists of names and values in YAML: {@code - name: password}, and below or above it {@code value: s3cret}. */
final class SecretLines {
    final List<Span> secrets = new ArrayList<>(0);
    /** Words that look like a secret's name and are none. */
    final Set<Integer> labels = new HashSet<>(0);

    private final byte[] bytes;
    private final SecretNames names;
    /** Where the last value ends: what is within it is hidden with it. */
    private int readTo;

    SecretLines(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        List<SecretYaml.Member> members = SecretYaml.members(bytes);
        for (int i = 0; i < members.size(); i += 2) {
            SecretYaml.Member first = members.get(i);
            SecretYaml.Member second = members.get(i + 1);
            if (is(first, SecretPairs.LABELS)) {
                look(first, second);
            } else {
                look(second, first);
            }
        }
    }

    private void look(SecretYaml.Member label, SecretYaml.Member other) {
        if (!is(label, SecretPairs.LABELS) || !is(other, SecretPairs.VALUES)) {
            return;
        }
        boolean carrier = SecretTags.isLabel(bytes, label.text, names);
        if (carrier || SecretPairs.isWord(bytes, label.text)) {
            labels.add(label.name.from);
        }
        Span secret = carrier && other.name.from >= readTo ? SecretPlace.value(bytes, other.name.from, other.name.to) : null;
        if (secret != null) {
            readTo = secret.to;
            secrets.add(secret);
        }
    }

    private boolean is(SecretYaml.Member member, Set<String> words) {
        return SecretTags.isAny(bytes, member.name.from, member.name.to, words);
    }
}
