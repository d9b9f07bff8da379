package io.gridnode.jmeter;

import java.awt.BorderLayout;
import javax.swing.JLabel;
import org.apache.jmeter.testelement.TestElement;
import org.apache.jmeter.visualizers.gui.AbstractListenerGui;

/** What the graphical JMeter shows when somebody opens a plan that has the listener in it. There is nothing to set. */
public class GridnodeListenerGui extends AbstractListenerGui {
    private static final long serialVersionUID = 1L;
    private static final String TITLE = "gridnode";

    /** Builds the panel: a title and one sentence. */
    public GridnodeListenerGui() {
        setLayout(new BorderLayout());
        setBorder(makeBorder());
        add(makeTitlePanel(), BorderLayout.NORTH);
        add(new JLabel("Sends every sample to the gridnode agent; set by the properties gridnode.*"), BorderLayout.CENTER);
    }

    @Override
    public String getStaticLabel() {
        return TITLE;
    }

    @Override
    public String getLabelResource() {
        return TITLE;
    }

    @Override
    public TestElement createTestElement() {
        TestElement element = new GridnodeListener();
        modifyTestElement(element);
        return element;
    }

    @Override
    public void modifyTestElement(TestElement element) {
        super.configureTestElement(element);
    }
}
