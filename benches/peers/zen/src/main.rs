//! ZEN as a peer: a table of 64 rows, one for each item, looked up for every record of a company in a loop, then a sum.
//! That is less than the job: no caps, no veto, no grades. It speaks the protocol of `peers.py`.

use std::{
    error::Error,
    fs,
    io::{self, BufRead, Write},
    path::Path,
    time::Instant,
};

use serde_json::{Value, json};
use zen_engine::{Decision, DecisionEngine, Variable, model::DecisionContent};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let rules: Value = serde_json::from_str(&fs::read_to_string(folder.join("rules.json"))?)?;
    let items = rules["items"].as_u64().ok_or("no items")?;
    let day = rules["day"].as_i64().ok_or("no day")?;
    let began = Instant::now();
    let (companies, expected) = read(folder, day)?;
    let content: DecisionContent = serde_json::from_value(graph(items))?;
    let mut decision = DecisionEngine::default().create_decision(content.into())?;
    decision.compile();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    println!("files read in {:.1} s", began.elapsed().as_secs_f64());
    for line in io::stdin().lock().lines() {
        if line? != "run" {
            break;
        }
        let began = Instant::now();
        let total = runtime.block_on(sum(&decision, &companies))?;
        let seconds = began.elapsed().as_secs_f64();
        if total != expected {
            return Err(format!("{total} instead of {expected}").into());
        }
        println!("{}", json!({ "seconds": seconds }));
        io::stdout().flush()?;
    }
    Ok(())
}

async fn sum(decision: &Decision, companies: &[Value]) -> Result<i64, Box<dyn Error>> {
    let mut total = 0;
    for company in companies {
        let context = Variable::from(company);
        let response = decision.evaluate(context).await;
        let response = response.map_err(|error| error.to_string())?;
        let result = response.result.to_value();
        total += result["total"].as_i64().ok_or_else(|| result.to_string())?;
    }
    Ok(total)
}

/// The records of each company, and the sum that must come out.
fn read(folder: &Path, day: i64) -> Result<(Vec<Value>, i64), Box<dyn Error>> {
    let text = fs::read_to_string(folder.join("records.csv"))?;
    let mut companies: Vec<Vec<Value>> = Vec::new();
    let mut expected = 0;
    for line in text.lines().skip(1) {
        let numbers: Vec<i64> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let [company, item, _, _, first, last, rectified, before, after, _] = numbers[..] else {
            return Err(line.into());
        };
        if companies.len() <= usize::try_from(company)? {
            companies.push(Vec::new());
        }
        if (first..=last).contains(&day) {
            expected += if rectified <= day { after } else { before };
        }
        let records = companies.last_mut().ok_or("no company")?;
        records.push(json!({
            "item": item, "day": day, "first": first, "last": last, "rectified": rectified,
            "before": before, "after": after,
        }));
    }
    let companies = companies.into_iter();
    Ok((companies.map(|records| json!({ "records": records })).collect(), expected))
}

/// Input, table in a loop, sum, output.
fn graph(items: u64) -> Value {
    let points = "first <= day and last >= day ? (rectified <= day ? after : before) : 0";
    let rows: Vec<Value> = (0..items)
        .map(|item| json!({ "_id": format!("row-{item}"), "i": item.to_string(), "o": points }))
        .collect();
    let edge = |from: &str, to: &str| {
        json!({ "id": format!("{from}-{to}"), "sourceId": from, "targetId": to, "type": "edge" })
    };
    json!({
        "nodes": [
            { "id": "in", "name": "in", "type": "inputNode" },
            {
                "id": "table", "name": "table", "type": "decisionTableNode",
                "content": {
                    "hitPolicy": "first",
                    "inputField": "records", "outputPath": "rows", "executionMode": "loop",
                    "inputs": [{ "id": "i", "name": "item", "field": "item" }],
                    "outputs": [{ "id": "o", "name": "points", "field": "points" }],
                    "rules": rows,
                },
            },
            {
                "id": "sum", "name": "sum", "type": "expressionNode",
                "content": { "expressions": [
                    { "id": "e", "key": "total", "value": "sum(map(rows, #.points))" },
                ] },
            },
            { "id": "out", "name": "out", "type": "outputNode" },
        ],
        "edges": [edge("in", "table"), edge("table", "sum"), edge("sum", "out")],
    })
}
