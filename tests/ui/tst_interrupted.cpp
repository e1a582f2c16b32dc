// SPDX-License-Identifier: GPL-3.0-or-later
// The window is closed, or another model is opened, while an analysis or a quantization runs: it asks first, stops the
// job, and leaves nothing behind.
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QDir>
#include <QMessageBox>
#include <QPointer>
#include <QSettings>
#include <QSignalSpy>
#include <QTimer>

#include <algorithm>
#include <functional>

using namespace eigenquant;
using test::fromPath;

class InterruptedTest : public QObject {
    Q_OBJECT

    test::TemporaryFolder m_folder, m_settings;
    QString m_model, m_other, m_text;
    int m_asked = 0;

    /// What is in the folder, hidden things too.
    QStringList files() const
    {
        return QDir(fromPath(m_folder.path()))
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
    }

    /// Presses a button of the next question as soon as it is on the screen.
    void answer(QMessageBox::StandardButton button)
    {
        auto* timer = new QTimer(this);
        connect(timer, &QTimer::timeout, this, [this, timer, button] {
            auto* question = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            if (!question)
                return;
            ++m_asked;
            timer->deleteLater();
            question->button(button)->click();
        });
        timer->start(5);
    }

    /// A window with the model and its text, and with statistics where they are wanted.
    std::unique_ptr<MainWindow> open(bool withStatistics)
    {
        auto window = std::make_unique<MainWindow>();
        window->show();
        window->tasks().openPath(m_model);
        window->tasks().openPath(m_text);
        [&] { AWAIT_VERIFY(window->workspace().session()); }();
        if (withStatistics) {
            window->tasks().openPath(fromPath(m_folder / "made.stats"));
            [&] { AWAIT_VERIFY(window->workspace().statistics()); }();
        }
        [&] { AWAIT_VERIFY(!window->workspace().jobs().isBusy()); }();
        return window;
    }

    AnalyzeOptions analysis(const char* name, int windows) const
    {
        AnalyzeOptions options;
        options.text = {.file = m_text.toStdU16String(), .context = 128, .windows = windows};
        options.out = m_folder / name;
        return options;
    }

    /// Begins what takes much longer than an answer, and waits until it runs.
    void begin(MainWindow& window, const QString& what)
    {
        if (what == "analysis") {
            window.tasks().analyze(analysis("new.stats", 0));
        } else {
            PlanOptions options = PlanOptions::of(Method::Cmpq);
            window.workspace().plan().applyOptions(options, {});
            window.workspace().plan().undoStack().setClean();
            QuantizeOptions quantize;
            quantize.out = m_folder / "packed";
            window.tasks().quantize(quantize);
        }
        AWAIT_VERIFY(std::ranges::any_of(window.workspace().jobs().activeJobs(), [](const JobStatus& job) {
            return job.state == JobState::Running && !job.stage.isEmpty();
        }));
    }

    static void whichJob()
    {
        QTest::addColumn<QString>("job");
        QTest::newRow("analysis") << "analysis";
        QTest::newRow("quantization") << "quantization";
    }

private slots:
    void initTestCase()
    {
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_settings.path()));
        m_model =
            fromPath(test::writeTinyModel(m_folder / "tiny", {.layers = 16, .hidden = 128, .intermediate = 384}));
        m_other = fromPath(test::writeTinyModel(m_folder / "other", {.seed = 2}));
        m_text = fromPath(m_folder.write("text.txt", test::tinyText(400000)));
        AnalyzeOptions options = analysis("made.stats", 2);
        options.fisherWindows = 0;
        ModelSession::open(m_model.toStdString())->analyze(options, {});
    }

    void closing_data() { whichJob(); }
    void closing()
    {
        QFETCH(QString, job);
        const QStringList before = files();
        auto window = open(job == "quantization");
        begin(*window, job);
        m_asked = 0;
        answer(QMessageBox::Cancel);
        QVERIFY(!window->close());
        QCOMPARE(m_asked, 1);
        QVERIFY(window->isVisible() && window->workspace().jobs().isBusy());
        window->project().discardChanges();
        answer(QMessageBox::Close);
        QVERIFY(window->close());
        QCOMPARE(m_asked, 2);
        window.reset(); // waits for the job, which has been told to stop
        QCOMPARE(files(), before);
    }

    void openingAnotherModel_data() { whichJob(); }
    void openingAnotherModel()
    {
        QFETCH(QString, job);
        const QStringList before = files();
        auto window = open(job == "quantization");
        Workspace& workspace = window->workspace();
        begin(*window, job);
        const auto session = workspace.session();
        m_asked = 0;
        answer(QMessageBox::No);
        window->tasks().openPath(m_other);
        QCOMPARE(m_asked, 1);
        QVERIFY(workspace.jobs().isBusy() && workspace.session() == session);
        answer(QMessageBox::Yes);
        window->tasks().openPath(m_other);
        AWAIT_VERIFY(workspace.session() != session);
        AWAIT_VERIFY(!workspace.jobs().isBusy());
        QCOMPARE(m_asked, 2);
        QCOMPARE(workspace.modelPath(), m_other);
        QVERIFY(!workspace.results().quantized);
        QCOMPARE(files(), before);
        // The pages that show both say that they do not belong together, and nothing is measured of them.
        QCOMPARE(workspace.statisticsMatchModel(), job == "analysis");
        window->showPage("budgets");
        test::settle(*window);
        window->project().discardChanges();
    }
};

EIGENQUANT_UI_TEST(tst_interrupted, InterruptedTest)
#include "tst_interrupted.moc"
