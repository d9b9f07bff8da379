package io.gridnode.gatling;

import io.gridnode.gatling.asm.MethodVisitor;
import io.gridnode.gatling.asm.Opcodes;
import io.gridnode.gatling.asm.Type;
import java.util.List;
import java.util.Set;

/** One method of Gatling's that gets a call of a static method of ours, without branches or variables of its own. Immutable. */
final class Hook {
    /** Where the call stands, and with what. */
    enum Kind {
        /** First in the method; no arguments. */
        ENTRY,
        /** First in the method; the field {@code active}, then all arguments of the method but the first. */
        ENTRY_WITH_ARGUMENTS,
        /** First in the method; all arguments of the method but the first. */
        ENTRY_OF_ARGUMENTS,
        /**
         * After each call of {@code storeBodyParts}; its boolean, replaced by what the call returns, the fields {@code status} and
         * {@code bodyLength}, and the first argument of the method.
         */
        BODY_KEPT,
        /** Before each return of a constructor; the new object. */
        CONSTRUCTED,
        /** Before each return of a reference; that value, replaced by what the call returns. */
        RESULT,
        /** First in a static method of two references and a boolean, the body of a lambda; the boolean. */
        DECIDED
    }

    static final String ACTIVE = "active";
    static final String ACTIVE_TYPE = "Ljava/util/concurrent/atomic/AtomicBoolean;";

    private static final String STATUS_TYPE = "Lio/netty/handler/codec/http/HttpResponseStatus;";
    private static final Set<String> NONE = Set.of();
    private static final Set<String> OF_BODY = Set.of("status" + STATUS_TYPE, "bodyLengthI");

    /** In the order of age, the newest first: the first one there is taken. */
    final List<String> names;
    /** Null fits any. */
    final String descriptor;
    final Kind kind;
    /** Without it nothing is measured. */
    final boolean required;

    private final String target;

    Hook(Kind kind, boolean required, String target, String descriptor, String... names) {
        this.kind = kind;
        this.required = required;
        this.target = target;
        this.descriptor = descriptor;
        this.names = List.of(names);
    }

    /** @param fields the class's own, each with its type */
    boolean fits(String name, String methodDescriptor, int access, Set<String> fields) {
        boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
        if ((access & Opcodes.ACC_ABSTRACT) != 0 || isStatic != (kind == Kind.DECIDED)) {
            return false;
        }
        if (!fields.containsAll(kind == Kind.BODY_KEPT ? OF_BODY : NONE)) {
            return false;
        }
        return names.contains(name) && (descriptor == null || descriptor.equals(methodDescriptor));
    }

    /**
     * The method with the call in it, written to {@code next}.
     *
     * @param found is run when there is a place for the call
     */
    MethodVisitor patch(MethodVisitor next, String owner, String methodDescriptor, String hooks, Runnable found) {
        if (kind != Kind.BODY_KEPT) {
            found.run();
        }
        return new MethodVisitor(Opcodes.ASM9, next) {
            @Override
            public void visitCode() {
                super.visitCode();
                if (kind == Kind.ENTRY) {
                    call("()V");
                } else if (kind == Kind.DECIDED) {
                    super.visitVarInsn(Opcodes.ILOAD, 2);
                    call("(Z)V");
                } else if (kind == Kind.ENTRY_WITH_ARGUMENTS) {
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    super.visitFieldInsn(Opcodes.GETFIELD, owner, ACTIVE, ACTIVE_TYPE);
                    call("(" + ACTIVE_TYPE + loadArguments() + ")V");
                } else if (kind == Kind.ENTRY_OF_ARGUMENTS) {
                    call("(" + loadArguments() + ")V");
                }
            }

            @Override
            public void visitMethodInsn(int opcode, String calledOwner, String called, String calledType, boolean isInterface) {
                super.visitMethodInsn(opcode, calledOwner, called, calledType, isInterface);
                if (kind == Kind.BODY_KEPT && called.equals("storeBodyParts") && calledType.equals("()Z")) {
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    super.visitFieldInsn(Opcodes.GETFIELD, owner, "status", STATUS_TYPE);
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    super.visitFieldInsn(Opcodes.GETFIELD, owner, "bodyLength", "I");
                    super.visitVarInsn(Opcodes.ALOAD, 1);
                    call("(Z" + STATUS_TYPE + "I" + Type.getArgumentTypes(methodDescriptor)[0].getDescriptor() + ")Z");
                    found.run();
                }
            }

            @Override
            public void visitInsn(int opcode) {
                if (kind == Kind.CONSTRUCTED && opcode == Opcodes.RETURN) {
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    call("(Ljava/lang/Object;)V");
                } else if (kind == Kind.RESULT && opcode == Opcodes.ARETURN) {
                    String type = Type.getReturnType(methodDescriptor).getDescriptor();
                    call("(" + type + ")" + type);
                }
                super.visitInsn(opcode);
            }

            private String loadArguments() {
                StringBuilder called = new StringBuilder();
                Type[] types = Type.getArgumentTypes(methodDescriptor);
                int variable = 1;
                for (int i = 0; i < types.length; i++) {
                    if (i > 0) {
                        super.visitVarInsn(types[i].getOpcode(Opcodes.ILOAD), variable);
                        called.append(types[i].getDescriptor());
                    }
                    variable += types[i].getSize();
                }
                return called.toString();
            }

            private void call(String calledDescriptor) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, hooks, target, calledDescriptor, false);
            }
        };
    }
}
