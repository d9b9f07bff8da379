import io.gatling.recorder.GatlingRecorder;

public class Recorder {
    public static void main(String[] args) {
        GatlingRecorder.fromMap(null);
    }
}
