import Shots

/// A shell script that paints the shots of a film by tasks, and joins the parts. A person can run each of its steps.
package struct ClusterScript {
    /// The shots of the tasks.
    package var plan: ShotPlan
    /// What runs them.
    package var cluster: Cluster
    /// Path of `pentimento`.
    package var program: String
    /// The folder in which commands run.
    package var folder: String
    /// The folder of the parts, from `/` on. Logs are written in its folder `logs`.
    package var parts: String
    /// Words of the command that paints, without the number of the shot.
    package var painting: [String]
    /// Words of the command that joins.
    package var joining: [String]
    /// Tasks at a time, for ``Cluster/local``.
    package var jobs: Int
    /// Options of `sbatch`, for both jobs.
    package var sbatch: [String]

    /// All properties.
    package init(
        _ plan: ShotPlan, _ cluster: Cluster, program: String, folder: String, parts: String, painting: [String],
        joining: [String], jobs: Int = 1, sbatch: [String] = []
    ) {
        (self.plan, self.cluster, self.program, self.folder) = (plan, cluster, program, folder)
        (self.parts, self.painting, self.joining) = (parts, painting, joining)
        (self.jobs, self.sbatch) = (jobs, sbatch)
    }

    /// The script, for a POSIX shell.
    package var text: String {
        """
        #!/bin/sh
        # Paints a film by its shots and joins the parts. Written by `pentimento submit`.
        #   sh SCRIPT            starts all tasks, and then the join
        #   sh SCRIPT paint 3    paints the shots of task 3
        #   sh SCRIPT join       joins the parts
        pentimento=${PENTIMENTO:-\(CommandText.quoted(program))}
        folder=\(CommandText.quoted(folder))
        parts=\(CommandText.quoted(parts))
        tasks=\(plan.tasks.count)

        # The shots of a task.
        shots_of() {
            case $1 in
        \(cases)
            *) echo "there is no task $1; tasks are 1 to $tasks" >&2; return 2 ;;
            esac
        }

        # Paints the shots of a task; after one that fails, the others too. Passes on the first error.
        paint_task() {
            shots=$(shots_of "$1") || return
            cd "$folder" || return
            result=0
            for shot in $shots; do
                code=0
                "$pentimento" \(words(painting)) --shot "$shot" || code=$?
                [ "$code" -lt 128 ] || return "$code" # by a signal
                [ "$result" -ne 0 ] || result=$code
            done
            return "$result"
        }

        join_parts() {
            cd "$folder" || return
            "$pentimento" \(words(joining))
        }

        start_all() {
            mkdir -p "$parts/logs" || return
        \(plan.tasks.isEmpty ? startJoin : start)
        }

        case ${1-start} in
        start) start_all ;;
        paint) paint_task "${2-${SLURM_ARRAY_TASK_ID-}}" ;;
        join) join_parts ;;
        *) echo "usage: sh $0 [paint TASK | join]" >&2; exit 2 ;;
        esac

        """
    }

    private func words(_ list: [String]) -> String { list.map(CommandText.quoted).joined(separator: " ") }

    private var cases: String {
        plan.tasks.enumerated().map { index, shots in
            "    \(index + 1)) echo \(shots.map(String.init).joined(separator: " ")) ;;"
        }.joined(separator: "\n")
    }

    /// All is painted, so the join is all that is left.
    private var startJoin: String {
        switch cluster {
        case .local: "    join_parts"
        case .slurm:
            """
                join=$(\(submission("join")) "$0" join) || return
                echo "job ${join%%;*} joins the parts; to watch it: squeue -j ${join%%;*}"
                printf 'log: %s/logs/\\n' "$parts"
            """
        }
    }

    private var start: String {
        switch cluster {
        case .slurm:
            """
                paint=$(\(submission("paint")) --array="1-$tasks" "$0" paint) || return
                paint=${paint%%;*}
                join=$(\(submission("join")) --dependency="afterok:$paint" --kill-on-invalid-dep=yes "$0" join) || {
                    code=$?
                    scancel "$paint"
                    return "$code"
                }
                join=${join%%;*}
                echo "job $paint paints \(count("shot", plan.tasks.joined().count)) in \(count("task", plan.tasks.count)), then job $join joins the parts"
                echo "to watch them: squeue -j $paint,$join"
                printf 'logs: %s/logs/\\n' "$parts"
                echo "if some fail: the same command with --retry"
            """
        case .local:
            // The exit code of parallel is the number of tasks that failed.
            """
                seq "$tasks" | parallel --jobs \(jobs) --line-buffer --joblog "$parts/logs/tasks" -q sh "$0" paint || {
                    echo "some shots were not painted; the same command with --retry paints them" >&2
                    return "$(awk -F '\\t' 'NR > 1 && ($7 || $8) { code = $7 ? $7 : 128 + $8; exit } END { print code ? code : 1 }' "$parts/logs/tasks")"
                }
                join_parts
            """
        }
    }

    private func submission(_ job: String) -> String {
        // Slurm replaces signs in the path of a log, and none in that of the working folder.
        "sbatch --parsable --job-name=pentimento-\(job) --chdir=\"$parts\" "
            + "--output=logs/\(job)-\(job == "paint" ? "%A-%a" : "%j").log"
            + sbatch.map { " " + CommandText.quoted($0) }.joined()
    }

    private func count(_ noun: String, _ number: Int) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
