fn main() {
    println!("Hello from WASI on capOS");
}
