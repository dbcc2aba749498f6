//! The command line as values. Nothing here acts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0  the question was answered
  1  the answer is no: `audit --deny` found something, or the item of `--why` is not reached
  2  the arguments can't be understood, or name what isn't there
  3  the package can't be read, or the answer not be written";

/// What cargo calls.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", disable_help_subcommand = true)]
pub(crate) enum Cargo {
    Perennial(Perennial),
}

/// Tells what perennial knows of a package's code.
///
/// Works on any cargo package, with or without perennial: sources and manifests are read, nothing is
/// compiled, cargo is not run, and the network is not used.
#[derive(Debug, Args)]
#[command(version, after_help = EXIT_CODES)]
pub(crate) struct Perennial {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List every function with its code signature
    Table(Table),
    /// Show what a function reaches, and why
    Graph(Graph),
    /// List what the analysis can't follow, and what that does to keys
    Audit(Audit),
}

#[derive(Debug, Args)]
pub(crate) struct Table {
    #[command(flatten)]
    pub(crate) package: Package,
    /// How the list is written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// The function: its path, the end of it that no other function has, or `FILE:LINE`
    #[arg(value_name = "FN")]
    pub(crate) function: String,
    #[command(flatten)]
    pub(crate) package: Package,
    /// How the graph is written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: GraphFormat,
    /// Leave out what is more than N steps away
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<usize>,
    /// Show only the steps that lead to this item
    #[arg(long, value_name = "ITEM")]
    pub(crate) why: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) package: Package,
    /// How the list is written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
    /// List only what memoized functions reach
    #[arg(long)]
    pub(crate) memoized: bool,
    /// End with exit code 1 if anything is listed that isn't settled by `allow(…)` or `env(…)`
    #[arg(long)]
    pub(crate) deny: bool,
}

/// Which package, and how it would be built.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Package")]
pub(crate) struct Package {
    /// Cargo.toml of the package, or its folder [default: that of the present folder]
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Features to turn on, separated by spaces or commas
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// Turn on all features of the package
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Do not turn on the feature `default`
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// The target, which rustc is asked about [default: that of this command]
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
    /// The profile `release` instead of `dev`
    #[arg(short, long)]
    pub(crate) release: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    #[default]
    Text,
    /// An array of objects
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A tree, each item once
    #[default]
    Text,
    /// An array of objects, each item once
    Json,
    /// The language of Graphviz
    Dot,
    /// A flowchart for Markdown
    Mermaid,
    /// A picture
    Svg,
}
