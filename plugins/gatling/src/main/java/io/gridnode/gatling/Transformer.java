package io.gridnode.gatling;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;

/** Patches Gatling's classes as the JVM loads them and tells the run what became of each. */
final class Transformer implements ClassFileTransformer {
    private static final String HOOKS = Hooks.class.getName().replace('.', '/');

    private final Run run;

    Transformer(Run run) {
        this.run = run;
    }

    @Override
    public byte[] transform(ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] original) {
        if (name == null || !Patches.concern(name)) {
            return null;
        }
        try {
            Patches.Result result = Patches.apply(name, original, HOOKS);
            run.classLoaded(name, result, version(loader, name));
            return result.bytes;
        } catch (Throwable e) {
            // Thrown out of here it would vanish in the JVM.
            run.classNotPatched(name, e);
            return null;
        }
    }

    /** From the manifest of the jar the class comes from. */
    private static String version(ClassLoader loader, String name) {
        String packageName = name.substring(0, name.lastIndexOf('/')).replace('/', '.');
        Package found = loader == null ? null : loader.getDefinedPackage(packageName);
        String version = found == null ? null : found.getImplementationVersion();
        return version == null ? "of an unknown version" : version;
    }
}
