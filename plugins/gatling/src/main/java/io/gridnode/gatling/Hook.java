package io.gridnode.gatling;

import io.gridnode.gatling.asm.MethodVisitor;
import io.gridnode.gatling.asm.Opcodes;
import io.gridnode.gatling.asm.Type;
import java.util.List;

/** One method of Gatling's that gets a call of a static method of ours, without branches or variables of its own. Immutable. */
final class Hook {
    /** Where the call stands, and with what. */
    enum Kind {
        /** First in the method; no arguments. */
        ENTRY,
        /** First in the method; the field {@code active}, then all arguments of the method but the first. */
        ENTRY_WITH_ARGUMENTS,
        /** Before each return of a constructor; the new object. */
        CONSTRUCTED,
        /** Before each return of a reference; that value, replaced by what the call returns. */
        RESULT,
        /** First in a static method of two references and a boolean, the body of a lambda; the boolean. */
        DECIDED
    }

    static final String ACTIVE = "active";
    static final String ACTIVE_TYPE = "Ljava/util/concurrent/atomic/AtomicBoolean;";

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

    boolean fits(String name, String methodDescriptor, int access) {
        boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
        if ((access & Opcodes.ACC_ABSTRACT) != 0 || isStatic != (kind == Kind.DECIDED)) {
            return false;
        }
        return names.contains(name) && (descriptor == null || descriptor.equals(methodDescriptor));
    }

    /** The method with the call in it, written to {@code next}. */
    MethodVisitor patch(MethodVisitor next, String owner, String methodDescriptor, String hooks) {
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
                    call(loadArguments());
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
                StringBuilder called = new StringBuilder("(").append(ACTIVE_TYPE);
                Type[] types = Type.getArgumentTypes(methodDescriptor);
                int variable = 1;
                for (int i = 0; i < types.length; i++) {
                    if (i > 0) {
                        super.visitVarInsn(types[i].getOpcode(Opcodes.ILOAD), variable);
                        called.append(types[i].getDescriptor());
                    }
                    variable += types[i].getSize();
                }
                return called.append(")V").toString();
            }

            private void call(String calledDescriptor) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, hooks, target, calledDescriptor, false);
            }
        };
    }
}
